"""Pictures and sound: what every classroom screen can play."""
