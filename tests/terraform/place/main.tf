# Where the database of a stack lies: a VPC with a private subnet in each of two zones.

variable "name" {
  description = "The VPC's name."
  type        = string
}

resource "aws_vpc" "place" {
  cidr_block           = "10.0.0.0/16"
  enable_dns_hostnames = true
  tags                 = { Name = var.name }
}

resource "aws_subnet" "place" {
  count             = 2
  vpc_id            = aws_vpc.place.id
  availability_zone = ["us-east-1a", "us-east-1b"][count.index]
  cidr_block        = cidrsubnet(aws_vpc.place.cidr_block, 8, count.index)
}

output "vpc_id" {
  value = aws_vpc.place.id
}

output "subnet_ids" {
  value = aws_subnet.place[*].id
}
