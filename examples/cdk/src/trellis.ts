/**
 * The tags of Trellis, on constructs.
 *
 * What Trellis would refuse in a tag it says with a code in `trellis:status`, after the deployment.
 * As much of that as a template shows is an error here already.
 */
import { Tags, Token } from 'aws-cdk-lib';
import { CfnVPC, SecurityGroup, type Vpc } from 'aws-cdk-lib/aws-ec2';
import { CfnDBInstance, type IDatabaseInstance } from 'aws-cdk-lib/aws-rds';

/** Service networks of VPC Lattice, by name; or `off`, which withdraws at once. */
export type Networks = [string, ...string[]];

/** Offers a database, which must be private and of this app, on these networks. */
export function expose(database: IDatabaseInstance, ...networks: Networks): void {
  const instance = database.node.defaultChild;
  if (!(instance instanceof CfnDBInstance)) {
    throw new Error(`${database.node.path} cannot be tagged: this app does not make it`);
  }
  if (instance.publiclyAccessible === true) {
    throw new Error(`${database.node.path} is public, and AWS exposes private databases only`);
  }
  // On the instance alone: on the construct it would be a tag of its groups and secret, too.
  Tags.of(instance).add('trellis:expose', value(networks));
}

/**
 * Gives a VPC of this app a way to these networks. Returns the group to attach to its clients.
 *
 * The tag is a property of the VPC, which CloudFormation makes before its subnets and removes after
 * them: deploy `consume(vpc, 'off')` first, and once more before you destroy the stack.
 */
export function consume(vpc: Vpc, ...networks: Networks): SecurityGroup {
  const resource = vpc.node.defaultChild;
  if (!(resource instanceof CfnVPC)) {
    throw new Error(`${vpc.node.path} cannot be tagged: this app does not make it`);
  }
  if (!vpc.dnsSupportEnabled || !vpc.dnsHostnamesEnabled) {
    throw new Error(`${vpc.node.path} needs both enableDnsSupport and enableDnsHostnames`);
  }
  const clients = new SecurityGroup(vpc, 'TrellisClients', {
    vpc,
    description: 'Clients of databases behind Trellis',
  });
  Tags.of(resource).add('trellis:consume', value(networks));
  Tags.of(clients).add('trellis:client', value(networks));
  return clients;
}

/** What a tag says of these networks. */
function value(networks: Networks): string {
  for (const name of networks) {
    const isName = /^[a-z0-9]+(-[a-z0-9]+)*$/.test(name) && (name === 'off' || name.length >= 3);
    if (!Token.isUnresolved(name) && !(isName && name.length <= 63)) {
      throw new Error(`${name} cannot be the name of a service network`);
    }
  }
  if (networks.length > 1 && networks.includes('off')) {
    throw new Error('off stands alone');
  }
  return networks.join('+');
}
