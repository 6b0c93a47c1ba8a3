"""Training and lists: ALS of our own and of MLlib, biases, top-n, and the models that train_als saves."""
