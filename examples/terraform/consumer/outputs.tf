# What uses these is made after the tag and destroyed before it.

output "client_group_id" {
  description = "The security group to attach to clients."
  value       = aws_security_group.client.id
  depends_on  = [aws_ec2_tag.consume]
}

output "subnet_ids" {
  description = "The private subnets, by zone."
  value       = { for zone, subnet in aws_subnet.private : zone => subnet.id }
  depends_on  = [aws_ec2_tag.consume]
}

output "vpc_id" {
  description = "The VPC."
  value       = aws_vpc.consumer.id
  depends_on  = [aws_ec2_tag.consume]
}
