# Remote Desktop as part of a configuration: waited for once when the machine is made, looked at on every plan.

terraform {
  required_version = ">= 1.5"
  required_providers {
    external = {
      source  = "hashicorp/external"
      version = "~> 2.3"
    }
  }
}

variable "target" {
  description = "The machine: its name or address, with :port if it is not 3389"
  type        = string
}

variable "expect" {
  description = "What must hold, as rdprobe check --expect takes it"
  type        = string
  default     = "reachable"
}

# Runs once for each machine: the apply ends when Remote Desktop answers three times in a row, or fails.
resource "terraform_data" "rdp_ready" {
  triggers_replace = [var.target]

  provisioner "local-exec" {
    # The target is handed over in the environment, so that no shell reads it as a command.
    command = "rdprobe check --wait \"$RDPROBE_WAIT\" --for 3 --every 10s --expect \"$RDPROBE_EXPECT\" -- \"$RDPROBE_TARGET\""
    environment = {
      RDPROBE_TARGET = var.target
      RDPROBE_EXPECT = var.expect
      RDPROBE_WAIT   = "15m"
    }
  }
}

# Looks on every plan and apply; a failure is a warning, and blocks nothing.
check "remote_desktop" {
  data "external" "rdp" {
    program = ["sh", "${path.module}/rdprobe-external.sh"]
    query = {
      target = var.target
      expect = var.expect
    }
  }

  assert {
    condition     = data.external.rdp.result.result == "met"
    error_message = "${var.target}: ${data.external.rdp.result.summary}"
  }
}
