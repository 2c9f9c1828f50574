import assert from 'node:assert/strict';
import { test } from 'node:test';
import { App, Stack } from 'aws-cdk-lib';
import { Match, Template } from 'aws-cdk-lib/assertions';
import { SubnetType, Vpc } from 'aws-cdk-lib/aws-ec2';
import {
  DatabaseInstance,
  DatabaseInstanceEngine,
  PostgresEngineVersion,
} from 'aws-cdk-lib/aws-rds';
import { consume, expose } from './trellis';

/** A VPC in a stack of its own. */
function made(props: ConstructorParameters<typeof Vpc>[2] = {}): Vpc {
  return new Vpc(new Stack(new App(), 'stack'), 'Vpc', { maxAzs: 2, ...props });
}

/** A database in such a VPC. */
function database(subnetType: SubnetType = SubnetType.PRIVATE_WITH_EGRESS): DatabaseInstance {
  const vpc = made();
  return new DatabaseInstance(Stack.of(vpc), 'Database', {
    engine: DatabaseInstanceEngine.postgres({ version: PostgresEngineVersion.VER_17_9 }),
    vpc,
    vpcSubnets: { subnetType },
    storageEncrypted: true,
  });
}

/** What bears a tag `trellis:…` in a construct's stack: the type of the resource, and the tag. */
function tagged(construct: Vpc | DatabaseInstance): string[] {
  const { Resources } = Template.fromStack(Stack.of(construct)).toJSON();
  return Object.values<any>(Resources)
    .flatMap(({ Type, Properties: { Tags = [] } = {} }) =>
      [Tags].flat().map(({ Key, Value }) => `${Type} ${Key}=${Value}`))
    .filter((line) => line.includes(' trellis:'))
    .sort();
}

test('a database is tagged, and nothing that comes with it', () => {
  const orders = database();
  expose(orders, 'databases');
  assert.deepEqual(tagged(orders), ['AWS::RDS::DBInstance trellis:expose=databases']);
});

test('a VPC and a group of clients are tagged, and no subnet', () => {
  const vpc = made();
  consume(vpc, 'databases', 'reports');
  assert.deepEqual(tagged(vpc), [
    'AWS::EC2::SecurityGroup trellis:client=databases+reports',
    'AWS::EC2::VPC trellis:consume=databases+reports',
  ]);
});

test('the group of clients is in the VPC, and lets out what the endpoint takes', () => {
  const vpc = made();
  const clients = consume(vpc, 'databases');
  const stack = Stack.of(vpc);
  Template.fromStack(stack).hasResourceProperties('AWS::EC2::SecurityGroup', {
    VpcId: stack.resolve(vpc.vpcId),
    SecurityGroupEgress: [Match.objectLike({ IpProtocol: '-1', CidrIp: '0.0.0.0/0' })],
  });
  assert.equal(clients.allowAllOutbound, true);
});

test('off takes both tags back, and moves nothing', () => {
  const [on, off] = ['databases', 'off'].map((network) => {
    const vpc = made();
    consume(vpc, network);
    return JSON.stringify(Template.fromStack(Stack.of(vpc)).toJSON());
  });
  assert.notEqual(on, off);
  assert.equal(on?.replaceAll('databases"', 'off"'), off);
});

test('what Trellis would refuse is an error at once', () => {
  assert.throws(() => expose(database(SubnetType.PUBLIC), 'databases'), /private databases only/);
  const nameless = made({ enableDnsHostnames: false });
  assert.throws(() => consume(nameless, 'databases'), /enableDnsHostnames/);
  for (const name of ['', 'Databases', 'a', 'two--hyphens', 'one two', 'a'.repeat(64)]) {
    assert.throws(() => consume(made(), name), /cannot be the name/, name);
  }
  assert.throws(() => expose(database(), 'databases', 'off'), /off stands alone/);
});

test('what the app did not make is not tagged silently', () => {
  const stack = new Stack(new App(), 'stack');
  const known = DatabaseInstance.fromDatabaseInstanceAttributes(stack, 'Known', {
    instanceIdentifier: 'orders',
    instanceEndpointAddress: 'orders.example.com',
    port: 5432,
    securityGroups: [],
  });
  assert.throws(() => expose(known, 'databases'), /cannot be tagged/);
  const vpc = Vpc.fromVpcAttributes(stack, 'Vpc', { vpcId: 'vpc-1', availabilityZones: ['a'] });
  assert.throws(() => consume(vpc as Vpc, 'databases'), /cannot be tagged/);
});
