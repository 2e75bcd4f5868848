"""Caffe's prototxt files are read."""
