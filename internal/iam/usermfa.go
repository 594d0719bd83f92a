package iam

import (
	"context"

	"github.com/iamd-project/iamd/internal/awserr"
	"github.com/iamd-project/iamd/internal/directory"
	"github.com/iamd-project/iamd/internal/op"
	shape "github.com/iamd-project/iamd/internal/shapes/iam"
)

func userMFAOperations() []op.Operation {
	return []op.Operation{
		op.Write("EnableMFADevice", needEnableMFADevice, enableMFADevice),
		op.Write("DeactivateMFADevice", needDeactivateMFADevice, deactivateMFADevice),
		op.Write("ResyncMFADevice", needResyncMFADevice, resyncMFADevice),
		op.Read("ListMFADevices", needListMFADevices, listMFADevices),
		op.Read("GetMFADevice", needGetMFADevice, getMFADevice),
	}
}

var errAuthenticationCode = awserr.New(403, "InvalidAuthenticationCode", "Authentication code for device is not valid.")

func needEnableMFADevice(c *op.Call, in *shape.EnableMFADeviceRequest) ([]op.Need, error) {
	return needUser(c, "EnableMFADevice", in.UserName)
}

func enableMFADevice(_ context.Context, c *op.Call, in *shape.EnableMFADeviceRequest) (*op.None, error) {
	u, err := mustUser(c, in.UserName)
	if err != nil {
		return nil, err
	}
	was, err := mustMFADevice(c, in.SerialNumber)
	if err != nil {
		return nil, err
	}
	if was.User != "" {
		return nil, awserr.New(409, "EntityAlreadyExists", "MFA Device is already in use.")
	}
	if err := checkMFADevices(c, u); err != nil {
		return nil, err
	}
	d, err := was.Sync(c.Keyring, c.Now, in.AuthenticationCode1, in.AuthenticationCode2)
	if err != nil {
		return nil, err
	}
	if d == nil {
		return nil, errAuthenticationCode
	}
	d.User, d.Enabled = u.ID, directory.At(c.Now)
	return &op.None{}, directory.PutMFADevice(c.Tx, was, d)
}

// checkMFADevices makes sure that a user may have one more device.
func checkMFADevices(c *op.Call, u *directory.User) error {
	n := 0
	for _, err := range directory.MFADevicesOf(c.Snap, u, "") {
		if err != nil {
			return err
		}
		n++
	}
	return checkRoom(c, mfaDevicesPerUser, n)
}

func hasMFADevice(c *op.Call, u *directory.User) (bool, error) {
	return directory.HasMFADevice(c.Snap, u)
}

func needDeactivateMFADevice(c *op.Call, in *shape.DeactivateMFADeviceRequest) ([]op.Need, error) {
	return needSubject(c, "DeactivateMFADevice", in.UserName)
}

// deactivateMFADevice makes the device nobody's. It keeps its last code in mind,
// which is not good again when somebody enables it anew.
func deactivateMFADevice(_ context.Context, c *op.Call, in *shape.DeactivateMFADeviceRequest) (*op.None, error) {
	_, was, err := mustUsersMFADevice(c, in.UserName, in.SerialNumber)
	if err != nil {
		return nil, err
	}
	d := *was
	d.User, d.Enabled = "", 0
	return &op.None{}, directory.PutMFADevice(c.Tx, was, &d)
}

func needResyncMFADevice(c *op.Call, in *shape.ResyncMFADeviceRequest) ([]op.Need, error) {
	return needUser(c, "ResyncMFADevice", in.UserName)
}

func resyncMFADevice(_ context.Context, c *op.Call, in *shape.ResyncMFADeviceRequest) (*op.None, error) {
	_, was, err := mustUsersMFADevice(c, &in.UserName, in.SerialNumber)
	if err != nil {
		return nil, err
	}
	d, err := was.Sync(c.Keyring, c.Now, in.AuthenticationCode1, in.AuthenticationCode2)
	if err != nil {
		return nil, err
	}
	if d == nil {
		return nil, errAuthenticationCode
	}
	return &op.None{}, directory.PutMFADevice(c.Tx, was, d)
}

// mustUsersMFADevice is a user, as userOf finds it, and its device of that serial number.
func mustUsersMFADevice(c *op.Call, name *string, serial string) (*directory.User, *directory.MFADevice, error) {
	u, err := userOf(c, name)
	if err != nil {
		return nil, nil, err
	}
	d, err := mustMFADevice(c, serial)
	if err == nil && (u == nil || d.User != u.ID) {
		err = noSuchEntity("MFA Device invalid for user.")
	}
	return u, d, err
}

func needListMFADevices(c *op.Call, in *shape.ListMFADevicesRequest) ([]op.Need, error) {
	return needSubject(c, "ListMFADevices", in.UserName)
}

func listMFADevices(_ context.Context, c *op.Call, in *shape.ListMFADevicesRequest) (*shape.ListMFADevicesResponse, error) {
	u, err := userOf(c, in.UserName)
	if err != nil {
		return nil, err
	}
	cursor, err := cursorOf(in.Marker)
	if err != nil {
		return nil, err
	}
	out := &shape.ListMFADevicesResponse{MFADevices: []shape.MFADevice{}, IsTruncated: new(false)}
	if u == nil {
		return out, nil
	}
	p, err := paged(directory.MFADevicesOf(c.Snap, u, cursor), in.MaxItems, (*directory.MFADevice).Place)
	if err != nil {
		return nil, err
	}
	for _, d := range p.items {
		out.MFADevices = append(out.MFADevices, shape.MFADevice{UserName: u.Name, SerialNumber: d.Serial(), EnableDate: d.Enabled.Time()})
	}
	out.IsTruncated, out.Marker = &p.more, p.marker
	return out, nil
}

func needGetMFADevice(c *op.Call, in *shape.GetMFADeviceRequest) ([]op.Need, error) {
	return needSubject(c, "GetMFADevice", in.UserName)
}

func getMFADevice(_ context.Context, c *op.Call, in *shape.GetMFADeviceRequest) (*shape.GetMFADeviceResponse, error) {
	u, d, err := mustUsersMFADevice(c, in.UserName, in.SerialNumber)
	if err != nil {
		return nil, err
	}
	return &shape.GetMFADeviceResponse{UserName: &u.Name, SerialNumber: d.Serial(), EnableDate: new(d.Enabled.Time())}, nil
}
