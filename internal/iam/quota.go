package iam

// The quotas that AWS documents, by the names its errors use. The number of
// users in an account, 5,000 on AWS, is not limited here.
// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html
const (
	accessKeysPerUser = 2
	tagsPerUser       = 50
)
