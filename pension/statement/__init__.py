"""One person explained: the statement as data and as text, English and Chinese."""
