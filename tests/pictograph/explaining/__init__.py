"""Maps of where a network saw something: who may ask, who answers, what is kept."""
