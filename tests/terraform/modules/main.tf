# The modules of examples/terraform as their users would call them, without a word in the provider
# about Trellis.

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

variable "connected" {
  description = "With false Trellis withdraws at once."
  type        = bool
  default     = true
}

provider "aws" {
  region                      = "us-east-1"
  access_key                  = "terraform"
  secret_key                  = "any"
  skip_metadata_api_check     = true
  skip_credentials_validation = true

  default_tags {
    tags = { team = "orders" }
  }

  endpoints {
    ec2 = var.endpoint
    rds = var.endpoint
    sts = var.endpoint
  }
}

locals {
  zones = ["us-east-1a", "us-east-1b"]
}

module "place" {
  source = "../place"
  name   = "modules-provider"
}

resource "aws_security_group" "neighbour" {
  name        = "neighbour"
  description = "Clients beside the database"
  vpc_id      = module.place.vpc_id
}

module "provider" {
  source     = "../../../examples/terraform/provider"
  name       = "orders"
  networks   = ["databases"]
  connected  = var.connected
  vpc_id     = module.place.vpc_id
  subnet_ids = module.place.subnet_ids
  neighbours = { neighbour = aws_security_group.neighbour.id }
  keep       = false
}

module "consumer" {
  source    = "../../../examples/terraform/consumer"
  name      = "modules-consumer"
  networks  = module.provider.networks
  connected = var.connected
  zones     = local.zones
}

# A client, as far as a network sees one.
resource "aws_network_interface" "client" {
  subnet_id       = module.consumer.subnet_ids[local.zones[0]]
  security_groups = [module.consumer.client_group_id]
  tags            = { Name = "client" }
}
