"""What the DAGs of senmeteo share: the operator, the factory of its tasks, the settings, the texts for operators."""
