variable "name" {
  description = "The database's identifier; its groups are named after it."
  type        = string
}

variable "networks" {
  description = "The service networks to offer it on, of those that Trellis's Networks lists."
  type        = list(string)
}

variable "connected" {
  description = "With false the tag says off: Trellis withdraws the database at once."
  type        = bool
  default     = true
}

variable "vpc_id" {
  description = "The database's VPC."
  type        = string
}

variable "subnet_ids" {
  description = "Private subnets in two zones or more, with free addresses for Trellis's gateway."
  type        = list(string)
}

variable "neighbours" {
  description = "Security groups of the database's own VPC that may connect, by a name for each."
  type        = map(string)
  default     = {}
}

variable "port" {
  description = "The port that the database listens on."
  type        = number
  default     = 5432
}

variable "instance_class" {
  description = "What it runs on."
  type        = string
  default     = "db.t4g.micro"
}

variable "keep" {
  description = "Whether deletion is forbidden, and leaves a snapshot if it comes to it all the same."
  type        = bool
  default     = true
}
