# The same in the style that people have: inline rules, and Trellis's tags among the others.

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

variable "ignore" {
  description = "The tags that others write."
  type        = list(string)
  default     = ["trellis:status"]
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

  ignore_tags {
    keys = var.ignore
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
  name   = "ordinary-provider"
}

resource "aws_security_group" "database" {
  name        = "orders"
  description = "The database"
  vpc_id      = module.place.vpc_id

  ingress {
    description = "The office"
    protocol    = "tcp"
    from_port   = 5432
    to_port     = 5432
    cidr_blocks = ["192.168.0.0/16"]
  }

  egress {
    protocol    = "-1"
    from_port   = 0
    to_port     = 0
    cidr_blocks = ["0.0.0.0/0"]
  }
}

resource "aws_db_subnet_group" "database" {
  name       = "orders"
  subnet_ids = module.place.subnet_ids
}

resource "aws_db_instance" "database" {
  identifier                  = "orders"
  engine                      = "postgres"
  instance_class              = "db.t4g.micro"
  allocated_storage           = 20
  username                    = "postgres"
  manage_master_user_password = true
  db_subnet_group_name        = aws_db_subnet_group.database.name
  vpc_security_group_ids      = [aws_security_group.database.id]
  skip_final_snapshot         = true
  tags                        = { "trellis:expose" = "databases" }
}

resource "aws_vpc" "consumer" {
  cidr_block           = "10.0.0.0/16"
  enable_dns_hostnames = true
  tags                 = { Name = "ordinary-consumer", "trellis:consume" = "databases" }
}

resource "aws_subnet" "consumer" {
  count             = 2
  vpc_id            = aws_vpc.consumer.id
  availability_zone = local.zones[count.index]
  cidr_block        = cidrsubnet(aws_vpc.consumer.cidr_block, 8, count.index)
}

resource "aws_security_group" "client" {
  name        = "client"
  description = "Clients"
  vpc_id      = aws_vpc.consumer.id
  tags        = { "trellis:client" = "databases" }

  ingress {
    description = "Whoever uses the client"
    protocol    = "tcp"
    from_port   = 443
    to_port     = 443
    cidr_blocks = [aws_vpc.consumer.cidr_block]
  }

  egress {
    protocol    = "-1"
    from_port   = 0
    to_port     = 0
    cidr_blocks = ["0.0.0.0/0"]
  }
}

# A client, as far as a network sees one.
resource "aws_network_interface" "client" {
  subnet_id       = aws_subnet.consumer[0].id
  security_groups = [aws_security_group.client.id]
  tags            = { Name = "client" }
}
