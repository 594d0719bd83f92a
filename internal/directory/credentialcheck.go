package directory

import "slices"

// addCredentialSpaces adds the checks of passwords, MFA devices and whatever else
// users sign in with, and of what accounts say about that.
func addCredentialSpaces(c *checker, spaces map[string]spaceCheck) {
	spaces[accountAliases] = c.accountAlias
	spaces[aliases] = c.alias
	spaces[passwordPolicies] = c.passwordPolicy
	spaces[loginProfiles] = c.loginProfile
	spaces[mfaDevices] = c.mfaDevice
	c.counted = append(c.counted, MFADevices, MFADevicesInUse)
	for _, space := range []string{mfaOfUser, mfaAssigned, mfaUnassigned} {
		spaces[space] = c.mfaIndex
	}
	addCredentials(c, spaces, SSHPublicKeys, func(string, *SSHPublicKey) error { return nil })
	addCredentials(c, spaces, SigningCertificates, c.signingCertificate)
	spaces[signingSums] = c.signingSum
	addCredentials(c, spaces, ServiceCredentials, c.serviceCredential)
	spaces[credentialsByService] = c.serviceIndex
	addKind(c, spaces, ServerCertificates, func(key string, s *ServerCertificate) error {
		if _, err := s.OpenKey(c.ring); err != nil {
			c.problem("%s: its private key cannot be opened", key)
		}
		return nil
	})
}

// mfaDevice compares a device with its indexes and its user.
func (c *checker) mfaDevice(key string, value []byte) error {
	d, err := decode[MFADevice](key, value)
	if err != nil {
		return err
	}
	if d.key() != key {
		c.problem("%s: holds device %s", key, d.Serial())
	}
	if _, err := d.Seed(c.ring); err != nil {
		c.problem("%s: its seed cannot be opened", key)
	}
	for _, index := range d.indexes() {
		if to, _, err := c.r.Get(index); err != nil || string(to) != key {
			c.problem("%s: index %s leads to %q", key, index, to)
		}
	}
	if d.User == "" {
		return nil
	}
	return c.userExists(key, d.Account, d.User)
}

// mfaIndex compares an entry of an index with the device that it leads to.
func (c *checker) mfaIndex(key string, value []byte) error {
	d, err := get[MFADevice](c.r, string(value))
	if err == nil && (d == nil || !slices.Contains(d.indexes(), key)) {
		c.problem("%s: leads to %q, which is no such MFA device", key, value)
	}
	return err
}
