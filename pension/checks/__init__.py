"""What is wrong with an input, or odd: ranges, access to the schemes, riders, repeated people; and the list of it."""
