"""What commands that train share: folders, folds, the live view, and what is kept."""
