# What Trellis builds for one database and one VPC, built by hand, together with the two VPCs.

terraform {
  required_providers {
    aws = {
      source  = "hashicorp/aws"
      version = "~> 5.100"
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
    rds        = var.endpoint
    sts        = var.endpoint
    vpclattice = var.endpoint
  }
}

locals {
  zones = ["us-east-1a", "us-east-1b"]
  sides = toset(["provider", "consumer"])
  subnets = {
    for pair in setproduct(local.sides, range(2)) : "${pair[0]}-${pair[1]}" => {
      side = pair[0], number = pair[1]
    }
  }
}

resource "aws_vpc" "side" {
  for_each             = local.sides
  cidr_block           = "10.0.0.0/16"
  enable_dns_hostnames = true
  tags                 = { Name = each.key }
}

resource "aws_subnet" "side" {
  for_each          = local.subnets
  vpc_id            = aws_vpc.side[each.value.side].id
  cidr_block        = "10.0.${each.value.number}.0/24"
  availability_zone = local.zones[each.value.number]
  tags              = { Name = each.key }
}

# Traffic stays within the VPCs: their tables have the local route, and clients are reached through
# endpoints of Systems Manager.

resource "aws_route_table" "side" {
  for_each = local.sides
  vpc_id   = aws_vpc.side[each.key].id
  tags     = { Name = each.key }
}

resource "aws_route_table_association" "side" {
  for_each       = local.subnets
  subnet_id      = aws_subnet.side[each.key].id
  route_table_id = aws_route_table.side[each.value.side].id
}

data "aws_prefix_list" "s3" {
  name = "com.amazonaws.us-east-1.s3"
}

data "aws_ec2_managed_prefix_list" "lattice" {
  name = "com.amazonaws.us-east-1.vpc-lattice"
}

resource "aws_vpc_security_group_egress_rule" "lists" {
  for_each = {
    s3 = data.aws_prefix_list.s3.id, lattice = data.aws_ec2_managed_prefix_list.lattice.id
  }
  security_group_id = aws_security_group.group["client"].id
  prefix_list_id    = each.value
  ip_protocol       = "tcp"
  from_port         = 443
  to_port           = 443
}

resource "aws_vpc_endpoint" "s3" {
  vpc_id          = aws_vpc.side["consumer"].id
  service_name    = "com.amazonaws.us-east-1.s3"
  route_table_ids = [aws_route_table.side["consumer"].id]
}

resource "aws_vpc_endpoint" "ssm" {
  for_each            = toset(["ssm", "ssmmessages"])
  vpc_id              = aws_vpc.side["consumer"].id
  vpc_endpoint_type   = "Interface"
  service_name        = "com.amazonaws.us-east-1.${each.key}"
  subnet_ids          = [for number in range(2) : aws_subnet.side["consumer-${number}"].id]
  security_group_ids  = [aws_security_group.group["endpoint"].id]
  private_dns_enabled = true
}

resource "aws_security_group" "group" {
  for_each = {
    database = "provider", gateway = "provider", endpoint = "consumer", client = "consumer"
  }
  name        = each.key
  description = "of the ${each.key}"
  vpc_id      = aws_vpc.side[each.value].id
}

resource "aws_vpc_security_group_ingress_rule" "rule" {
  for_each                     = { database = "gateway", endpoint = "client" }
  security_group_id            = aws_security_group.group[each.key].id
  referenced_security_group_id = aws_security_group.group[each.value].id
  ip_protocol                  = "tcp"
  from_port                    = 5432
  to_port                      = 5432
}

resource "aws_vpc_security_group_egress_rule" "rule" {
  for_each                     = { gateway = "database", client = "endpoint" }
  security_group_id            = aws_security_group.group[each.key].id
  referenced_security_group_id = aws_security_group.group[each.value].id
  ip_protocol                  = "tcp"
  from_port                    = 5432
  to_port                      = 5432
  tags                         = { Name = "to the ${each.value}" }
}

resource "aws_db_subnet_group" "orders" {
  name       = "orders"
  subnet_ids = [for number in range(2) : aws_subnet.side["provider-${number}"].id]
}

resource "aws_db_instance" "orders" {
  identifier                  = "orders"
  engine                      = "postgres"
  instance_class              = "db.t4g.micro"
  allocated_storage           = 20
  username                    = "postgres"
  manage_master_user_password = true
  db_subnet_group_name        = aws_db_subnet_group.orders.name
  vpc_security_group_ids      = [aws_security_group.group["database"].id]
  skip_final_snapshot         = true
}

resource "aws_vpclattice_service_network" "databases" {
  name      = "databases"
  auth_type = "AWS_IAM"
}

resource "aws_vpclattice_auth_policy" "databases" {
  resource_identifier = aws_vpclattice_service_network.databases.arn
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect = "Allow", Principal = "*", Action = "vpc-lattice-svcs:Invoke", Resource = "*"
    }]
  })
}

resource "aws_vpclattice_resource_gateway" "provider" {
  name               = "provider"
  vpc_id             = aws_vpc.side["provider"].id
  subnet_ids         = aws_db_subnet_group.orders.subnet_ids
  security_group_ids = [aws_security_group.group["gateway"].id]
}

resource "aws_vpclattice_resource_configuration" "orders" {
  name                        = "orders-5432"
  type                        = "ARN"
  resource_gateway_identifier = aws_vpclattice_resource_gateway.provider.id

  resource_configuration_definition {
    arn_resource {
      arn = aws_db_instance.orders.arn
    }
  }
}

resource "aws_vpclattice_service_network_resource_association" "orders" {
  resource_configuration_identifier = aws_vpclattice_resource_configuration.orders.id
  service_network_identifier        = aws_vpclattice_service_network.databases.id
}

resource "aws_vpc_endpoint" "databases" {
  vpc_id              = aws_vpc.side["consumer"].id
  vpc_endpoint_type   = "ServiceNetwork"
  service_network_arn = aws_vpclattice_service_network.databases.arn
  subnet_ids          = [for number in range(2) : aws_subnet.side["consumer-${number}"].id]
  security_group_ids  = [aws_security_group.group["endpoint"].id]
  private_dns_enabled = true
}

output "client_group" {
  value = aws_security_group.group["client"].id
}
