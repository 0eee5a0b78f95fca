"""Models of our own, trained from nothing on one CPU, for claims that anyone can check by training them again."""
