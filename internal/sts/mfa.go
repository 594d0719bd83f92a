package sts

import (
	"github.com/iamd-project/iamd/internal/directory"
	"github.com/iamd-project/iamd/internal/op"
)

// mfa is what a request says of the caller's MFA device.
type mfa struct{ serial, code *string }

// given reports whether the request has a code, which it then uses up.
func (m mfa) given() bool { return m.serial != nil || m.code != nil }

// take checks the code, and returns the device before and after it is used up; nil
// for a request without one. The texts are those that users of AWS report.
func (m mfa) take(c *op.Call) (was, now *directory.MFADevice, err error) {
	if !m.given() {
		return nil, nil, nil
	}
	if m.serial == nil || m.code == nil {
		return nil, nil, accessDenied("MultiFactorAuthentication failed, must provide both MFA serial number and one time pass code.")
	}
	if c.Caller.Kind == op.User {
		if was, err = directory.MFADeviceBySerial(c.Snap, c.Caller.Account, *m.serial); err != nil {
			return nil, nil, err
		}
	}
	if was == nil || was.User != c.Caller.Bearer.ID {
		return nil, nil, accessDenied("MultiFactorAuthentication failed, unable to validate MFA code.  Please verify your MFA serial number is valid and associated with this user.")
	}
	now, err = was.Take(c.Keyring, c.Now, *m.code)
	if err == nil && now == nil {
		err = accessDenied("MultiFactorAuthentication failed with invalid MFA one time pass code. ")
	}
	return was, now, err
}

// use takes the code and remembers that it is used up. It returns when that was; zero
// for a request without one.
func (m mfa) use(c *op.Call) (directory.Millis, error) {
	was, now, err := m.take(c)
	if err != nil || now == nil {
		return 0, err
	}
	return directory.At(c.Now), directory.PutMFADevice(c.Tx, was, now)
}
