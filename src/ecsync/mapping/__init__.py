"""The mapping language: model, catalogue, reader, writer, converters."""
