package iam

import "strings"

// serviceRole is the role that an AWS service may have in an account.
type serviceRole struct {
	name   string // behind AWSServiceRoleFor
	policy string // AWS's managed policy that is attached to it
	suffix bool   // there may be several, told apart by a suffix
}

// serviceRoleOf is the role of the service with that principal. Case matters.
func serviceRoleOf(principal string) (serviceRole, bool) {
	service, ok := strings.CutSuffix(principal, ".amazonaws.com")
	role, known := serviceRoles[service]
	return role, ok && known
}

func (s serviceRole) roleName(suffix *string) string {
	name := "AWSServiceRoleFor" + s.name
	if suffix != nil {
		name += "_" + *suffix
	}
	return name
}

// serviceRoles are the services, without .amazonaws.com, whose roles iamd knows.
// Each one's guide names its role and policy; there is no list of them all.
// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_aws-services-that-work-with-iam.html
var serviceRoles = map[string]serviceRole{
	"access-analyzer":                    {"AccessAnalyzer", "AccessAnalyzerServiceRolePolicy", false},
	"accountdiscovery.ssm":               {"AmazonSSM_AccountDiscovery", "AWSSystemsManagerAccountDiscoveryServicePolicy", false},
	"acm":                                {"CertificateManager", "CertificateManagerServiceRolePolicy", false},
	"appmesh":                            {"AppMesh", "AWSAppMeshServiceRolePolicy", false},
	"appstream.application-autoscaling":  {"ApplicationAutoScaling_AppStreamFleet", "AWSApplicationAutoscalingAppStreamFleetPolicy", false},
	"auditmanager":                       {"AuditManager", "AWSAuditManagerServiceRolePolicy", false},
	"autoscaling":                        {"AutoScaling", "AutoScalingServiceRolePolicy", true},
	"autoscaling-plans":                  {"AutoScalingPlans_EC2AutoScaling", "AWSAutoScalingPlansEC2AutoScalingPolicy", false},
	"backup":                             {"Backup", "AWSBackupServiceLinkedRolePolicyForBackup", false},
	"batch":                              {"Batch", "BatchServiceRolePolicy", false},
	"cassandra.application-autoscaling":  {"ApplicationAutoScaling_CassandraTable", "AWSApplicationAutoscalingCassandraTablePolicy", false},
	"cks.kms":                            {"KeyManagementServiceCustomKeyStores", "AWSKeyManagementServiceCustomKeyStoresServiceRolePolicy", false},
	"cloudtrail":                         {"CloudTrail", "CloudTrailServiceRolePolicy", false},
	"cloudwatch-crossaccount":            {"CloudWatchCrossAccount", "CloudWatch-CrossAccountAccess", false},
	"codestar-notifications":             {"CodeStarNotifications", "AWSCodeStarNotificationsServiceRolePolicy", false},
	"comprehend.application-autoscaling": {"ApplicationAutoScaling_ComprehendEndpoint", "AWSApplicationAutoscalingComprehendEndpointPolicy", false},
	"compute-optimizer":                  {"ComputeOptimizer", "ComputeOptimizerServiceRolePolicy", false},
	"config":                             {"Config", "AWSConfigServiceRolePolicy", false},
	"config-multiaccountsetup":           {"ConfigMultiAccountSetup", "AWSConfigMultiAccountSetupPolicy", false},
	"connect":                            {"AmazonConnect", "AmazonConnectServiceLinkedRolePolicy", true},
	"custom-resource.application-autoscaling": {"ApplicationAutoScaling_CustomResource", "AWSApplicationAutoScalingCustomResourcePolicy", false},
	"detective":                           {"Detective", "AmazonDetectiveServiceLinkedRolePolicy", false},
	"dms":                                 {"DMSServerless", "AWSDMSServerlessServiceRolePolicy", false},
	"dms-fleet-advisor":                   {"DMSFleetAdvisor", "AWSDMSFleetAdvisorServiceRolePolicy", false},
	"docdb-elastic":                       {"DocDB-Elastic", "AmazonDocDB-ElasticServiceRolePolicy", false},
	"dynamodb.application-autoscaling":    {"ApplicationAutoScaling_DynamoDBTable", "AWSApplicationAutoscalingDynamoDBTablePolicy", false},
	"ec2-instance-connect":                {"Ec2InstanceConnect", "Ec2InstanceConnectEndpoint", false},
	"ec2.application-autoscaling":         {"ApplicationAutoScaling_EC2SpotFleetRequest", "AWSApplicationAutoscalingEC2SpotFleetRequestPolicy", false},
	"ec2fleet":                            {"EC2Fleet", "AWSEC2FleetServiceRolePolicy", false},
	"ecr":                                 {"ECRTemplate", "ECRTemplateServiceRolePolicy", false},
	"ecs":                                 {"ECS", "AmazonECSServiceRolePolicy", false},
	"ecs.application-autoscaling":         {"ApplicationAutoScaling_ECSService", "AWSApplicationAutoscalingECSServicePolicy", false},
	"eks":                                 {"AmazonEKS", "AmazonEKSServiceRolePolicy", false},
	"eks-connector":                       {"AmazonEKSConnector", "AmazonEKSConnectorServiceRolePolicy", false},
	"eks-fargate":                         {"AmazonEKSForFargate", "AmazonEKSForFargateServiceRolePolicy", false},
	"eks-nodegroup":                       {"AmazonEKSNodegroup", "AWSServiceRoleForAmazonEKSNodegroup", false},
	"elasticache":                         {"ElastiCache", "ElastiCacheServiceRolePolicy", false},
	"elasticache.application-autoscaling": {"ApplicationAutoScaling_ElastiCacheRG", "AWSApplicationAutoscalingElastiCacheRGPolicy", false},
	"elasticbeanstalk":                    {"ElasticBeanstalk", "AWSElasticBeanstalkServiceRolePolicy", false},
	"elasticfilesystem":                   {"AmazonElasticFileSystem", "AmazonElasticFileSystemServiceRolePolicy", false},
	"elasticloadbalancing":                {"ElasticLoadBalancing", "AWSElasticLoadBalancingServiceRolePolicy", false},
	"elasticmapreduce":                    {"EMRCleanup", "AmazonEMRCleanupPolicy", false},
	"email.cognito-idp":                   {"AmazonCognitoIdpEmailService", "AmazonCognitoIdpEmailServiceRolePolicy", false},
	"emr-containers":                      {"AmazonEMRContainers", "AmazonEMRContainersServiceRolePolicy", false},
	"emrwal":                              {"EMRWAL", "EMRDescribeClusterPolicyForEMRWAL", false},
	"es":                                  {"AmazonElasticsearchService", "AmazonElasticsearchServiceRolePolicy", false},
	"events":                              {"CloudWatchEvents", "CloudWatchEventsServiceRolePolicy", false},
	"fis":                                 {"FIS", "AmazonFISServiceRolePolicy", false},
	"fms":                                 {"FMS", "FMSServiceRolePolicy", false},
	"globalaccelerator":                   {"GlobalAccelerator", "AWSGlobalAcceleratorSLRPolicy", false},
	"grafana":                             {"AmazonGrafana", "AmazonGrafanaServiceLinkedRolePolicy", false},
	"guardduty":                           {"AmazonGuardDuty", "AmazonGuardDutyServiceRolePolicy", false},
	"imagebuilder":                        {"ImageBuilder", "AWSServiceRoleForImageBuilder", false},
	"inspector2":                          {"AmazonInspector2", "AmazonInspector2ServiceRolePolicy", false},
	"iotmanagedintegrations":              {"IoTManagedIntegrations", "AWSIoTManagedIntegrationsRolePolicy", false},
	"kafka":                               {"Kafka", "KafkaServiceRolePolicy", false},
	"kafka.application-autoscaling":       {"ApplicationAutoScaling_KafkaCluster", "AWSApplicationAutoscalingKafkaClusterPolicy", false},
	"kafkaconnect":                        {"KafkaConnect", "KafkaConnectServiceRolePolicy", false},
	"lakeformation":                       {"LakeFormationDataAccess", "LakeFormationDataAccessServiceRolePolicy", false},
	"lambda.application-autoscaling":      {"ApplicationAutoScaling_LambdaConcurrency", "AWSApplicationAutoscalingLambdaConcurrencyPolicy", false},
	"lexv2":                               {"LexV2Bots", "AmazonLexV2BotPolicy", true},
	"license-manager":                     {"AWSLicenseManagerRole", "AWSLicenseManagerServiceRolePolicy", false},
	"lightsail":                           {"Lightsail", "LightsailExportAccess", false},
	"logger.cloudfront":                   {"CloudFrontLogger", "AWSCloudFrontLogger", false},
	"m2":                                  {"AWSM2", "AWSM2ServicePolicy", false},
	"macie":                               {"AmazonMacie", "AmazonMacieServiceRolePolicy", false},
	"malware-protection.guardduty":        {"AmazonGuardDutyMalwareProtection", "AmazonGuardDutyMalwareProtectionServiceRolePolicy", false},
	"member.org.stacksets.cloudformation": {"CloudFormationStackSetsOrgMember", "CloudFormationStackSetsOrgMemberServiceRolePolicy", false},
	"memorydb":                            {"MemoryDB", "MemoryDBServiceRolePolicy", false},
	"mq":                                  {"AmazonMQ", "AmazonMQServiceRolePolicy", false},
	"mrk.kms":                             {"KeyManagementServiceMultiRegionKeys", "AWSKeyManagementServiceMultiRegionKeysServiceRolePolicy", false},
	"network-firewall":                    {"NetworkFirewall", "AWSNetworkFirewallServiceRolePolicy", false},
	"networkmanager":                      {"NetworkManager", "AWSNetworkManagerServiceRolePolicy", false},
	"notifications":                       {"AwsUserNotifications", "AWSUserNotificationsServiceLinkedRolePolicy", false},
	"observability.aoss":                  {"AmazonOpenSearchServerless", "AmazonOpenSearchServerlessServiceRolePolicy", false},
	"opensearchservice":                   {"AmazonOpenSearchService", "AmazonOpenSearchServiceRolePolicy", false},
	"ops.apigateway":                      {"APIGateway", "APIGatewayServiceRolePolicy", false},
	"ops.emr-serverless":                  {"AmazonEMRServerless", "AmazonEMRServerlessServiceRolePolicy", false},
	"opsdatasync.ssm":                     {"SystemsManagerOpsDataSync", "AWSSystemsManagerOpsDataSyncServiceRolePolicy", false},
	"opsinsights.ssm":                     {"AmazonSSM_OpsInsights", "AWSSSMOpsInsightsServiceRolePolicy", false},
	"organizations":                       {"Organizations", "AWSOrganizationsServiceTrustPolicy", false},
	"pullthroughcache.ecr":                {"ECRPullThroughCache", "AWSECRPullThroughCache_ServiceRolePolicy", false},
	"ram":                                 {"ResourceAccessManager", "AWSResourceAccessManagerServiceRolePolicy", false},
	"rds":                                 {"RDS", "AmazonRDSServiceRolePolicy", false},
	"rds.application-autoscaling":         {"ApplicationAutoScaling_RDSCluster", "AWSApplicationAutoscalingRDSClusterPolicy", false},
	"redshift":                            {"Redshift", "AmazonRedshiftServiceLinkedRolePolicy", false},
	"replication.cassandra":               {"KeyspacesReplication", "KeyspacesReplicationServiceRolePolicy", false},
	"replication.dynamodb":                {"DynamoDBReplication", "DynamoDBReplicationServiceRolePolicy", false},
	"replication.ecr":                     {"ECRReplication", "ECRReplicationServiceRolePolicy", false},
	"replicator.lambda":                   {"LambdaReplicator", "AWSLambdaReplicator", false},
	"repository.sync.codeconnections":     {"GitSync", "AWSGitSyncServiceRolePolicy", false},
	"resource-explorer-2":                 {"ResourceExplorer", "AWSResourceExplorerServiceRolePolicy", false},
	"rolesanywhere":                       {"RolesAnywhere", "AWSRolesAnywhereServicePolicy", false},
	"s3-outposts":                         {"S3OnOutposts", "AWSS3OnOutpostsServiceRolePolicy", false},
	"sagemaker.application-autoscaling":   {"ApplicationAutoScaling_SageMakerEndpoint", "AWSApplicationAutoscalingSageMakerEndpointPolicy", false},
	"securityhub":                         {"SecurityHub", "AWSSecurityHubServiceRolePolicy", false},
	"servicequotas":                       {"ServiceQuotas", "ServiceQuotasServiceRolePolicy", false},
	"ses":                                 {"AmazonSES", "AmazonSESServiceRolePolicy", false},
	"shield":                              {"AWSShield", "AWSShieldServiceRolePolicy", false},
	"spot":                                {"EC2Spot", "AWSEC2SpotServiceRolePolicy", false},
	"spotfleet":                           {"EC2SpotFleet", "AWSEC2SpotFleetServiceRolePolicy", false},
	"ssm":                                 {"AmazonSSM", "AmazonSSMServiceRolePolicy", false},
	"ssm-incidents":                       {"IncidentManager", "AWSIncidentManagerServiceRolePolicy", false},
	"ssm-quicksetup":                      {"SSMQuickSetup", "SSMQuickSetupRolePolicy", false},
	"sso":                                 {"SSO", "AWSSSOServiceRolePolicy", false},
	"stacksets.cloudformation":            {"CloudFormationStackSetsOrgAdmin", "CloudFormationStackSetsOrgAdminServiceRolePolicy", false},
	"support":                             {"Support", "AWSSupportServiceRolePolicy", false},
	"transitgateway":                      {"VPCTransitGateway", "AWSVPCTransitGatewayServiceRolePolicy", false},
	"trustedadvisor":                      {"TrustedAdvisor", "AWSTrustedAdvisorServiceRolePolicy", false},
	"vpcorigin.cloudfront":                {"CloudFrontVPCOrigin", "AWSCloudFrontVPCOriginServiceRolePolicy", false},
	"waf":                                 {"WAFLogging", "WAFLoggingServiceRolePolicy", false},
	"wafv2":                               {"WAFV2Logging", "WAFV2LoggingServiceRolePolicy", false},
}
