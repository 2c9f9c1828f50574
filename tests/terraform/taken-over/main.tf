# Nothing but a provider: what is taken over is written beside it, by Trellis and by Terraform.

terraform {
  required_providers {
    aws = {
      source  = "hashicorp/aws"
      version = "~> 5.0"
    }
  }
}

variable "endpoint" {
  description = "Where AWS is."
  type        = string
}

provider "aws" {
  region                      = "us-east-1"
  access_key                  = "terraform"
  secret_key                  = "any"
  skip_metadata_api_check     = true
  skip_credentials_validation = true

  endpoints {
    ec2        = var.endpoint
    sts        = var.endpoint
    vpclattice = var.endpoint
  }
}
