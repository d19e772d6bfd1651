"""Photos in, label probabilities out: decode, preprocess, batch, infer, and the Celery edge."""
