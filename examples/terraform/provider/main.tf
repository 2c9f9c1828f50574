# A private PostgreSQL instance that Trellis offers on service networks.

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
  expose = var.connected ? join("+", var.networks) : "off"
}

# Without inline rules: Terraform would revoke Trellis's rule at every apply, as one that is not in
# its code.
resource "aws_security_group" "database" {
  name_prefix = "${var.name}-"
  description = "Database ${var.name}"
  vpc_id      = var.vpc_id
  tags        = { Name = var.name }

  lifecycle {
    create_before_destroy = true
  }
}

resource "aws_vpc_security_group_ingress_rule" "neighbour" {
  for_each = var.neighbours

  security_group_id            = aws_security_group.database.id
  referenced_security_group_id = each.value
  ip_protocol                  = "tcp"
  from_port                    = var.port
  to_port                      = var.port
  tags                         = { Name = each.key }

  lifecycle {
    create_before_destroy = true
  }
}

resource "aws_db_subnet_group" "database" {
  name        = var.name
  description = "Private subnets of ${var.name}"
  subnet_ids  = var.subnet_ids
}

resource "aws_db_instance" "database" {
  identifier                  = var.name
  engine                      = "postgres"
  instance_class              = var.instance_class
  allocated_storage           = 20
  storage_encrypted           = true
  username                    = "postgres"
  manage_master_user_password = true
  port                        = var.port
  db_subnet_group_name        = aws_db_subnet_group.database.name
  vpc_security_group_ids      = [aws_security_group.database.id]
  publicly_accessible         = false
  deletion_protection         = var.keep
  skip_final_snapshot         = !var.keep
  final_snapshot_identifier   = var.keep ? "${var.name}-final" : null
  tags                        = { "trellis:expose" = local.expose }

  lifecycle {
    # Trellis writes it.
    ignore_changes = [tags["trellis:status"]]
  }
}
