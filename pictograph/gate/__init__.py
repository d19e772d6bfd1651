"""What every request passes on its way in: how long and slow it may be, of whom photos are taken, whose turn it is."""
