//! Prometheus: the metrics of a running monitor, and the exporter that probes on request.
