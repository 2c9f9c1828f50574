# A VPC with a way to service networks, and a security group whose members may connect.

terraform {
  required_version = ">= 1.3"

  required_providers {
    aws = {
      source  = "hashicorp/aws"
      version = "~> 5.0"
    }
  }
}

locals {
  networks = join("+", var.networks)
}

resource "aws_vpc" "consumer" {
  cidr_block           = var.cidr_block
  enable_dns_support   = true
  enable_dns_hostnames = true
  tags                 = { Name = var.name }

  lifecycle {
    # The first is a resource of its own, below; Trellis writes the second.
    ignore_changes = [tags["trellis:consume"], tags["trellis:status"]]
  }
}

resource "aws_subnet" "private" {
  for_each = { for index, zone in var.zones : zone => cidrsubnet(var.cidr_block, 4, index) }

  vpc_id            = aws_vpc.consumer.id
  availability_zone = each.key
  cidr_block        = each.value
  tags              = { Name = "${var.name}-${each.key}" }
}

resource "aws_security_group" "client" {
  name_prefix = "${var.name}-client-"
  description = "Clients of ${local.networks}"
  vpc_id      = aws_vpc.consumer.id
  tags        = { Name = "${var.name}-client", "trellis:client" = local.networks }

  lifecycle {
    create_before_destroy = true
  }
}

# To the endpoint, which has addresses of the VPC. It goes after its successor as its group does:
# else clients would have no way out while their group is replaced.
resource "aws_vpc_security_group_egress_rule" "client" {
  for_each = toset([for port in var.ports : tostring(port)])

  security_group_id = aws_security_group.client.id
  cidr_ipv4         = var.cidr_block
  ip_protocol       = "tcp"
  from_port         = each.key
  to_port           = each.key

  lifecycle {
    create_before_destroy = true
  }
}

# Made last and taken off first. What it depends on cannot be deleted while Trellis's endpoint
# stands on it, and the endpoint goes when the tag has gone and no client is left: so clients come
# after it, which the outputs see to.
resource "aws_ec2_tag" "consume" {
  resource_id = aws_vpc.consumer.id
  key         = "trellis:consume"
  value       = var.connected ? local.networks : "off"

  depends_on = [aws_subnet.private, aws_vpc_security_group_egress_rule.client]
}
