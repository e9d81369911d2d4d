//! Each defect of the tools that people use today, as a test that rdprobe passes.
