"""What all pages share: how they are rendered and addressed, the front page, a full disk."""
