// Package pipeline wires feeds, steps and sinks into the jobs that move records: raw topic -> `stream` -> clean topic ->
// stores. The verbs and `up` run the same pipelines.
package pipeline
