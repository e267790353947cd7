"""The run: stages, the one transaction, plan and apply, lock, resume, guards, proofs."""
