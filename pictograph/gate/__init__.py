"""What every request passes on its way in: how long and how slow it may be, and of whom photos are taken."""
