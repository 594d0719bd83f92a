package test

import (
	"encoding/base64"

	"github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/aws-sdk-go-v2/service/iam/types"
)

func credentialStories() []story {
	return []story{
		{name: "SSH public keys", steps: sshKeySteps},
		{name: "service-specific credentials", steps: serviceCredentialSteps},
		{name: "MFA devices", steps: mfaSteps},
	}
}

// sshKeyOf is a well-formed RSA key: nobody checks that it is a product of primes.
func sshKeyOf(n, bits int) string {
	modulus := make([]byte, bits/8)
	for i := range modulus {
		modulus[i] = byte(n + i)
	}
	modulus[0] |= 0x80
	size := len(modulus) + 1
	wire := "\x00\x00\x00\x07ssh-rsa\x00\x00\x00\x03\x01\x00\x01" + string([]byte{0, 0, byte(size >> 8), byte(size), 0}) + string(modulus)
	return "ssh-rsa " + base64.StdEncoding.EncodeToString([]byte(wire))
}

var sshKeySteps = []step{
	does(&iam.CreateUserInput{UserName: new("ann")}),
	does(&iam.UploadSSHPublicKeyInput{UserName: new("ann"), SSHPublicKeyBody: new(sshKeyOf(1, 2048))}).keeps("id", "SSHPublicKey.SSHPublicKeyId").
		shows("SSHPublicKey.UserName", "ann").shows("SSHPublicKey.Status", "Active").shows("SSHPublicKey.Fingerprint", "*").shows("SSHPublicKey.UploadDate", "*"),
	does(&iam.GetSSHPublicKeyInput{UserName: new("ann"), SSHPublicKeyId: new("<id>"), Encoding: types.EncodingTypeSsh}).
		shows("SSHPublicKey.SSHPublicKeyBody", sshKeyOf(1, 2048)),
	does(&iam.ListSSHPublicKeysInput{UserName: new("ann")}).shows("SSHPublicKeys.#", "1").shows("SSHPublicKeys.0.SSHPublicKeyId", "<id>").
		shows("IsTruncated", "false"),
	fails("DuplicateSSHPublicKey", &iam.UploadSSHPublicKeyInput{UserName: new("ann"), SSHPublicKeyBody: new(sshKeyOf(1, 2048) + " ann@home")}),
	fails("InvalidPublicKey", &iam.UploadSSHPublicKeyInput{UserName: new("ann"), SSHPublicKeyBody: new("ssh-rsa AAAA")}),
	fails("UnrecognizedPublicKeyEncoding", &iam.UploadSSHPublicKeyInput{UserName: new("ann"), SSHPublicKeyBody: new("ssh-ed25519 AAAA")}),
	does(&iam.UpdateSSHPublicKeyInput{UserName: new("ann"), SSHPublicKeyId: new("<id>"), Status: types.StatusTypeInactive}),
	does(&iam.ListSSHPublicKeysInput{UserName: new("ann")}).shows("SSHPublicKeys.0.Status", "Inactive"),
	fails("DeleteConflict", &iam.DeleteUserInput{UserName: new("ann")}),
	does(&iam.DeleteSSHPublicKeyInput{UserName: new("ann"), SSHPublicKeyId: new("<id>")}),
	fails("NoSuchEntity", &iam.GetSSHPublicKeyInput{UserName: new("ann"), SSHPublicKeyId: new("<id>"), Encoding: types.EncodingTypePem},
		&iam.UpdateSSHPublicKeyInput{UserName: new("ann"), SSHPublicKeyId: new("<id>"), Status: types.StatusTypeActive},
		&iam.DeleteSSHPublicKeyInput{UserName: new("ann"), SSHPublicKeyId: new("<id>")}).says("The Public Key with id <id> cannot be found."),
	does(&iam.UploadSSHPublicKeyInput{UserName: new("ann"), SSHPublicKeyBody: new(sshKeyOf(1, 2048))},
		&iam.UploadSSHPublicKeyInput{UserName: new("ann"), SSHPublicKeyBody: new(sshKeyOf(2, 2048))},
		&iam.UploadSSHPublicKeyInput{UserName: new("ann"), SSHPublicKeyBody: new(sshKeyOf(3, 2048))},
		&iam.UploadSSHPublicKeyInput{UserName: new("ann"), SSHPublicKeyBody: new(sshKeyOf(4, 2048))},
		&iam.UploadSSHPublicKeyInput{UserName: new("ann"), SSHPublicKeyBody: new(sshKeyOf(5, 2048))}),
	fails("LimitExceeded", &iam.UploadSSHPublicKeyInput{UserName: new("ann"), SSHPublicKeyBody: new(sshKeyOf(6, 2048))}).
		says("Cannot exceed quota for SSHPublicKeysPerUser: 5"),
	fails("NoSuchEntity", &iam.UploadSSHPublicKeyInput{UserName: new("eve"), SSHPublicKeyBody: new(sshKeyOf(1, 2048))},
		&iam.ListSSHPublicKeysInput{UserName: new("eve")}).says("The user with name eve cannot be found."),
}

const codeCommit = "codecommit.amazonaws.com"

var serviceCredentialSteps = []step{
	does(&iam.CreateUserInput{UserName: new("ann")}),
	does(&iam.CreateServiceSpecificCredentialInput{UserName: new("ann"), ServiceName: new(codeCommit)}).
		shows("ServiceSpecificCredential.ServiceUserName", "ann-at-<account>").shows("ServiceSpecificCredential.ServicePassword", "*").
		shows("ServiceSpecificCredential.Status", "Active").shows("ServiceSpecificCredential.ServiceName", codeCommit).
		keeps("id", "ServiceSpecificCredential.ServiceSpecificCredentialId"),
	does(&iam.ResetServiceSpecificCredentialInput{UserName: new("ann"), ServiceSpecificCredentialId: new("<id>")}).
		shows("ServiceSpecificCredential.ServicePassword", "*").shows("ServiceSpecificCredential.ServiceUserName", "ann-at-<account>"),
	does(&iam.UpdateServiceSpecificCredentialInput{UserName: new("ann"), ServiceSpecificCredentialId: new("<id>"), Status: types.StatusTypeInactive}),
	does(&iam.ListServiceSpecificCredentialsInput{UserName: new("ann")}).shows("ServiceSpecificCredentials.#", "1").
		shows("ServiceSpecificCredentials.0.Status", "Inactive").shows("ServiceSpecificCredentials.0.ServiceSpecificCredentialId", "<id>"),
	does(&iam.ListServiceSpecificCredentialsInput{AllUsers: new(true)}).shows("ServiceSpecificCredentials.#", "1"),
	does(&iam.CreateServiceSpecificCredentialInput{UserName: new("ann"), ServiceName: new(codeCommit)}).
		shows("ServiceSpecificCredential.ServiceUserName", "ann+1-at-<account>"),
	fails("LimitExceeded", &iam.CreateServiceSpecificCredentialInput{UserName: new("ann"), ServiceName: new(codeCommit)}),
	fails("NoSuchEntity", &iam.CreateServiceSpecificCredentialInput{UserName: new("ann"), ServiceName: new("x.amazonaws.com")}).
		says("No such service x.amazonaws.com is supported for Service Specific Credentials"),
	fails("DeleteConflict", &iam.DeleteUserInput{UserName: new("ann")}),
	does(&iam.DeleteServiceSpecificCredentialInput{UserName: new("ann"), ServiceSpecificCredentialId: new("<id>")}),
	fails("NoSuchEntity", &iam.DeleteServiceSpecificCredentialInput{UserName: new("ann"), ServiceSpecificCredentialId: new("<id>")},
		&iam.UpdateServiceSpecificCredentialInput{UserName: new("ann"), ServiceSpecificCredentialId: new("<id>"), Status: types.StatusTypeActive},
		&iam.ResetServiceSpecificCredentialInput{UserName: new("ann"), ServiceSpecificCredentialId: new("<id>")}).
		says("No such credential <id> exists"),
	fails("NoSuchEntity", &iam.ListServiceSpecificCredentialsInput{UserName: new("eve")}).says("The user with name eve cannot be found."),
	does(&iam.CreateServiceSpecificCredentialInput{UserName: new("ann"), ServiceName: new("bedrock.amazonaws.com")}).
		shows("ServiceSpecificCredential.ServicePassword", "absent").shows("ServiceSpecificCredential.ServiceCredentialSecret", "*").
		keeps("bedrock", "ServiceSpecificCredential.ServiceSpecificCredentialId"),
	does(&iam.ResetServiceSpecificCredentialInput{UserName: new("ann"), ServiceSpecificCredentialId: new("<bedrock>")}).
		shows("ServiceSpecificCredential.ServiceCredentialSecret", "*"),
}

var mfaSteps = []step{
	does(&iam.CreateUserInput{UserName: new("ann")}, &iam.CreateUserInput{UserName: new("bob")}),
	does(&iam.CreateVirtualMFADeviceInput{VirtualMFADeviceName: new("phone"), Tags: oneTag}).keeps("serial", "VirtualMFADevice.SerialNumber").
		keeps("seed", "VirtualMFADevice.Base32StringSeed").shows("VirtualMFADevice.SerialNumber", "arn:aws:iam::<account>:mfa/phone").
		shows("VirtualMFADevice.QRCodePNG", "*").shows("VirtualMFADevice.Tags.#", "1"),
	fails("EntityAlreadyExists", &iam.CreateVirtualMFADeviceInput{VirtualMFADeviceName: new("phone")}).
		says("MFADevice entity at the same path and name already exists."),
	fails("InvalidInput", &iam.CreateVirtualMFADeviceInput{VirtualMFADeviceName: new("x"), Tags: reservedTag}),
	fails("InvalidAuthenticationCode", &iam.EnableMFADeviceInput{UserName: new("ann"), SerialNumber: new("<serial>"),
		AuthenticationCode1: new("<seed 0>"), AuthenticationCode2: new("<seed -1>")}).says("Authentication code for device is not valid."),
	does(&iam.EnableMFADeviceInput{UserName: new("ann"), SerialNumber: new("<serial>"), AuthenticationCode1: new("<seed -2>"), AuthenticationCode2: new("<seed -1>")}),
	fails("EntityAlreadyExists", &iam.EnableMFADeviceInput{UserName: new("bob"), SerialNumber: new("<serial>"),
		AuthenticationCode1: new("<seed 0>"), AuthenticationCode2: new("<seed 1>")}).says("MFA Device is already in use."),
	does(&iam.ListMFADevicesInput{UserName: new("ann")}).shows("MFADevices.#", "1").shows("MFADevices.0.SerialNumber", "<serial>").
		shows("MFADevices.0.UserName", "ann").shows("MFADevices.0.EnableDate", "*").shows("IsTruncated", "false"),
	does(&iam.GetMFADeviceInput{SerialNumber: new("<serial>"), UserName: new("ann")}).shows("SerialNumber", "<serial>").shows("UserName", "ann"),
	does(&iam.ListVirtualMFADevicesInput{AssignmentStatus: types.AssignmentStatusTypeAssigned}).shows("VirtualMFADevices.#", "1").
		shows("VirtualMFADevices.0.User.UserName", "ann").shows("VirtualMFADevices.0.Base32StringSeed", ""),
	does(&iam.ResyncMFADeviceInput{UserName: new("ann"), SerialNumber: new("<serial>"), AuthenticationCode1: new("<seed 0>"), AuthenticationCode2: new("<seed 1>")}),
	fails("InvalidAuthenticationCode", &iam.ResyncMFADeviceInput{UserName: new("ann"), SerialNumber: new("<serial>"),
		AuthenticationCode1: new("<seed 0>"), AuthenticationCode2: new("<seed 1>")}), // a code is good once

	does(&iam.TagMFADeviceInput{SerialNumber: new("<serial>"), Tags: []types.Tag{{Key: new("Cost"), Value: new("1")}}}),
	does(&iam.ListMFADeviceTagsInput{SerialNumber: new("<serial>")}).shows("Tags.#", "2").shows("Tags.0.Key", "Cost"),
	does(&iam.UntagMFADeviceInput{SerialNumber: new("<serial>"), TagKeys: []string{"Cost"}}),
	does(&iam.ListMFADeviceTagsInput{SerialNumber: new("<serial>")}).shows("Tags.#", "1"),
	fails("InvalidInput", &iam.TagMFADeviceInput{SerialNumber: new("<serial>"), Tags: reservedTag}),

	fails("DeleteConflict", &iam.DeleteVirtualMFADeviceInput{SerialNumber: new("<serial>")}).says("MFA VirtualDevice in use. Must deactivate first"),
	fails("DeleteConflict", &iam.DeleteUserInput{UserName: new("ann")}).says("Cannot delete entity, must delete MFA device first."),
	does(&iam.DeactivateMFADeviceInput{UserName: new("ann"), SerialNumber: new("<serial>")}),
	fails("NoSuchEntity", &iam.DeactivateMFADeviceInput{UserName: new("ann"), SerialNumber: new("<serial>")},
		&iam.ResyncMFADeviceInput{UserName: new("ann"), SerialNumber: new("<serial>"), AuthenticationCode1: new("<seed 0>"), AuthenticationCode2: new("<seed 1>")}).
		says("MFA Device invalid for user."),
	does(&iam.DeleteVirtualMFADeviceInput{SerialNumber: new("<serial>")}),
	fails("NoSuchEntity", &iam.DeleteVirtualMFADeviceInput{SerialNumber: new("<serial>")}, &iam.TagMFADeviceInput{SerialNumber: new("<serial>"), Tags: oneTag},
		&iam.UntagMFADeviceInput{SerialNumber: new("<serial>"), TagKeys: []string{"a"}}, &iam.ListMFADeviceTagsInput{SerialNumber: new("<serial>")},
		&iam.GetMFADeviceInput{SerialNumber: new("<serial>")},
		&iam.EnableMFADeviceInput{UserName: new("ann"), SerialNumber: new("<serial>"), AuthenticationCode1: new("<seed 0>"), AuthenticationCode2: new("<seed 1>")}).
		says("VirtualMFADevice with serial number <serial> doesn't exist."),
	fails("NoSuchEntity", &iam.ListMFADevicesInput{UserName: new("eve")}).says("The user with name eve cannot be found."),
}
