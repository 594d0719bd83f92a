package test

import (
	"fmt"
	"strings"
)

// chaosTemplate is a template of thirty resources, of which the even versions lack one.
// From one to the next, keys, secrets, policies and parameters change, and a user is
// replaced. What fails is "" for nothing, "late" for a resource that comes after all
// others, and "member" for a change in the middle.
func chaosTemplate(version int, fails string) string {
	var resources, names []string
	add := func(name, typ, properties string) {
		names = append(names, `"`+name+`"`)
		resources = append(resources, fmt.Sprintf(`%q:{"Type":"AWS::%s","Properties":{%s}}`, name, typ, properties))
	}
	var users []string
	for i := range 5 {
		name := ""
		if i == 0 {
			name = fmt.Sprintf(`"UserName":"renamed-%d"`, version)
		}
		add(fmt.Sprintf("User%d", i), "IAM::User", name)
		add(fmt.Sprintf("Key%d", i), "IAM::AccessKey", fmt.Sprintf(`"UserName":{"Ref":"User%d"},"Serial":%d`, i, version))
		add(fmt.Sprintf("Secret%d", i), "SecretsManager::Secret", fmt.Sprintf(
			`"SecretString":{"Fn::Sub":"{\"AccessKeyId\":\"${Key%d}\",\"SecretAccessKey\":\"${Key%d.SecretAccessKey}\"}"}`, i, i))
		users = append(users, fmt.Sprintf(`{"Ref":"User%d"}`, i))
	}
	for i := range 4 + version%2 {
		add(fmt.Sprintf("Role%d", i), "IAM::Role", fmt.Sprintf(`"Description":"version %d","AssumeRolePolicyDocument":%s`, version,
			chaosPolicy(`"Principal":{"AWS":{"Ref":"AWS::AccountId"}},"Action":"sts:AssumeRole"`)))
	}
	policy := `{"Ref":"Policy"}`
	if fails == "member" {
		policy += `,"arn:aws:iam::aws:policy/NoSuchPolicy"`
	}
	add("Policy", "IAM::ManagedPolicy", `"PolicyDocument":`+chaosPolicy(fmt.Sprintf(`"Action":"iam:GetUser","Resource":"arn:aws:iam::*:user/version-%d"`, version)))
	for i := range 4 {
		add(fmt.Sprintf("Group%d", i), "IAM::Group", fmt.Sprintf(`"ManagedPolicyArns":[%s]`, policy))
		add(fmt.Sprintf("Parameter%d", i), "SSM::Parameter", fmt.Sprintf(`"Type":"String","Value":"version %d"`, version))
		policy = `{"Ref":"Policy"}`
	}
	add("Members", "IAM::UserToGroupAddition", `"GroupName":{"Ref":"Group0"},"Users":[`+strings.Join(users, ",")+`]`)
	if fails == "late" {
		resources = append(resources, fmt.Sprintf(`"Broken":{"Type":"AWS::IAM::Group","DependsOn":[%s],"Properties":{"GroupName":"taken"}}`, strings.Join(names, ",")))
	}
	return fmt.Sprintf(`{"Resources":{%s},"Outputs":{"Version":{"Value":"%d"}}}`, strings.Join(resources, ","), version)
}

func chaosPolicy(statement string) string {
	return `{"Version":"2012-10-17","Statement":[{"Effect":"Allow",` + statement + `}]}`
}
