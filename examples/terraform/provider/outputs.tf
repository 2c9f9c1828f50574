output "address" {
  description = "The name that clients connect to, from any VPC: TLS verifies it."
  value       = aws_db_instance.database.address
}

output "port" {
  description = "The port that clients connect to."
  value       = aws_db_instance.database.port
}

output "identifier" {
  description = "What RDS, and `trellis wait --database`, call it."
  value       = aws_db_instance.database.identifier
}

output "networks" {
  description = "The service networks that it is offered on."
  value       = var.networks
}
