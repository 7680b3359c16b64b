"""What a test waits for and looks at on a page."""

import re

PLAY = """() => new Promise((done) => {
  const video = document.querySelector('video');
  const began = video.currentTime;
  const look = setInterval(() => {
    if (video.currentTime > began + 1.6) { clearInterval(look); done(video.currentTime); }
  }, 50);
})"""
"""Resolves once the film has moved on for 1.6 s; gives its place in seconds."""


def wait_for(page, ask, what, most_s=8):
    """Ask again and again until the answer is true; returns it."""
    for _ in range(int(most_s / 0.1)):
        if found := ask():
            return found
        page.wait_for_timeout(100)
    raise AssertionError(f"never happened: {what}")


def becomes(page, expression):
    """Wait until an expression is true; asked from outside, where no policy forbids it."""
    wait_for(page, lambda: page.evaluate(expression), expression)


def shown(page) -> str:
    """Return the number of the page that is shown, with its click: ``0002-03``."""
    return re.search(
        r"/(\d{4}[^/]*)\.jpg", page.get_attribute("[data-picture]", "src")
    )[1]
