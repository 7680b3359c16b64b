"""Between places: how courseware arrives and reports leave."""
