package directory

// SSHPublicKey is a user's SSH public key.
type SSHPublicKey struct {
	Credential
	Body string `cbor:"10,keyasint"` // as it was given: OpenSSH's form or PEM
	Wire []byte `cbor:"11,keyasint"` // the key as SSH sends it: RFC 4253, 6.6
}

// SSHPublicKeys is where SSH public keys are kept.
var SSHPublicKeys = CredentialKind[SSHPublicKey, *SSHPublicKey]{sshPublicKeys}
