"""Speed, memory and quality on real shops; writes its own tables."""
