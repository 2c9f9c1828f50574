variable "name" {
  description = "The VPC's name."
  type        = string
}

variable "networks" {
  description = "The service networks to connect it to, of those that Trellis's Networks lists."
  type        = list(string)
}

variable "connected" {
  description = "With false the tag says off: Trellis disconnects the VPC at once."
  type        = bool
  default     = true
}

variable "cidr_block" {
  description = "The VPC's addresses: a /22 or larger, so that its subnets have a /28 to spare."
  type        = string
  default     = "10.0.0.0/16"

  validation {
    # A subnet is a sixteenth of them. Of a /27 AWS keeps addresses in either half.
    condition     = try(tonumber(split("/", var.cidr_block)[1]) <= 22, false)
    error_message = "The VPC needs a /22 or larger."
  }
}

variable "zones" {
  description = "Two availability zones or more: a private subnet in each."
  type        = list(string)

  validation {
    condition     = length(distinct(var.zones)) >= 2
    error_message = "There must be two zones or more."
  }
}

variable "ports" {
  description = "The ports that clients connect to."
  type        = list(number)
  default     = [5432]
}
