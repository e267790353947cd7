"""The face: parse a command line, call one function, render its answer."""
