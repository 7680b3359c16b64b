"""One reader for each format that holds words, behind one Protocol."""
