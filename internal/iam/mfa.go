package iam

import (
	"context"
	"encoding/base32"
	"net/url"

	"rsc.io/qr"

	"github.com/iamd-project/iamd/internal/awserr"
	"github.com/iamd-project/iamd/internal/directory"
	"github.com/iamd-project/iamd/internal/op"
	shape "github.com/iamd-project/iamd/internal/shapes/iam"
)

// mfaOperations are those on virtual MFA devices; what users do with theirs is
// in usermfa.go.
func mfaOperations() []op.Operation {
	return []op.Operation{
		op.Write("CreateVirtualMFADevice", needCreateVirtualMFADevice, createVirtualMFADevice),
		op.Read("ListVirtualMFADevices", needListVirtualMFADevices, listVirtualMFADevices),
		op.Write("DeleteVirtualMFADevice", needDeleteVirtualMFADevice, deleteVirtualMFADevice),
		op.Write("TagMFADevice", needTagMFADevice, tagMFADevice),
		op.Write("UntagMFADevice", needUntagMFADevice, untagMFADevice),
		op.Read("ListMFADeviceTags", needListMFADeviceTags, listMFADeviceTags),
	}
}

func needCreateVirtualMFADevice(c *op.Call, in *shape.CreateVirtualMFADeviceRequest) ([]op.Need, error) {
	serial := directory.MFASerial(c.Caller.Account, pathOf(in.Path), in.VirtualMFADeviceName)
	return needTagged(need("CreateVirtualMFADevice", serial), "TagMFADevice", in.Tags), nil
}

// createVirtualMFADevice shows the device's seed, which no other operation does.
func createVirtualMFADevice(_ context.Context, c *op.Call, in *shape.CreateVirtualMFADeviceRequest) (*shape.CreateVirtualMFADeviceResponse, error) {
	d := &directory.MFADevice{Account: c.Caller.Account, Path: pathOf(in.Path), Name: in.VirtualMFADeviceName}
	if err := checkSerialFree(c, d.Serial()); err != nil {
		return nil, err
	}
	if err := checkCount(c, directory.MFADevices, mfaDevicesPerAccount); err != nil {
		return nil, err
	}
	tags, err := addTags(c, nil, in.Tags)
	if err != nil {
		return nil, err
	}
	d.Tags = tags
	text := c.IDs.Letters("ABCDEFGHIJKLMNOPQRSTUVWXYZ234567", 64)
	seed, err := base32.StdEncoding.DecodeString(text)
	if err != nil {
		return nil, err
	}
	if err := d.SealSeed(c.Keyring, seed); err != nil {
		return nil, err
	}
	code, err := qrCode(c, d, text)
	if err != nil {
		return nil, err
	}
	out := &shape.VirtualMFADevice{SerialNumber: d.Serial(), Base32StringSeed: []byte(text), QRCodePNG: code, Tags: describeTags(tags)}
	return &shape.CreateVirtualMFADeviceResponse{VirtualMFADevice: out}, directory.PutMFADevice(c.Tx, nil, d)
}

// maxSerial is the longest serial number that other operations take.
const maxSerial = 256

func checkSerialFree(c *op.Call, serial string) error {
	if len(serial) > maxSerial {
		return validationError("1 validation error detected: Value at 'serialNumber' failed to satisfy constraint: "+
			"Member must have length less than or equal to %d", maxSerial)
	}
	taken, err := directory.MFADeviceBySerial(c.Snap, c.Caller.Account, serial)
	if err == nil && taken != nil {
		err = awserr.New(409, "EntityAlreadyExists", "MFADevice entity at the same path and name already exists.")
	}
	return err
}

// qrCode is a picture of what authenticator apps take a seed from, with the names
// that AWS gives it.
// https://docs.aws.amazon.com/IAM/latest/APIReference/API_VirtualMFADevice.html
func qrCode(c *op.Call, d *directory.MFADevice, seed string) ([]byte, error) {
	account, err := directory.AccountAlias(c.Snap, d.Account)
	if err != nil {
		return nil, err
	}
	if account == "" {
		account = string(d.Account)
	}
	text := url.URL{Scheme: "otpauth", Host: "totp", Path: "/" + d.Name + "@" + account, RawQuery: "secret=" + seed}
	code, err := qr.Encode(text.String(), qr.M)
	if err != nil {
		return nil, err
	}
	return code.PNG(), nil
}

func needListVirtualMFADevices(c *op.Call, _ *shape.ListVirtualMFADevicesRequest) ([]op.Need, error) {
	return need("ListVirtualMFADevices", directory.MFASerial(c.Caller.Account, "/", "")), nil
}

func listVirtualMFADevices(_ context.Context, c *op.Call, in *shape.ListVirtualMFADevicesRequest) (*shape.ListVirtualMFADevicesResponse, error) {
	cursor, err := cursorOf(in.Marker)
	if err != nil {
		return nil, err
	}
	state := map[string]directory.MFAState{
		shape.AssignmentStatusTypeAssigned:   directory.AssignedMFA,
		shape.AssignmentStatusTypeUnassigned: directory.UnassignedMFA,
		shape.AssignmentStatusTypeAny:        directory.AnyMFA,
	}[orElse(in.AssignmentStatus, shape.AssignmentStatusTypeAny)]
	p, err := paged(directory.ListMFADevices(c.Snap, c.Caller.Account, state, cursor), in.MaxItems, (*directory.MFADevice).Place)
	if err != nil {
		return nil, err
	}
	out := &shape.ListVirtualMFADevicesResponse{
		VirtualMFADevices: make([]shape.VirtualMFADevice, len(p.items)),
		IsTruncated:       &p.more,
		Marker:            p.marker,
	}
	for i, d := range p.items {
		if out.VirtualMFADevices[i], err = describeVirtualMFADevice(c, d); err != nil {
			return nil, err
		}
	}
	return out, nil
}

// describeVirtualMFADevice is a device in a list, which leaves its tags and those
// of its user out.
func describeVirtualMFADevice(c *op.Call, d *directory.MFADevice) (shape.VirtualMFADevice, error) {
	out := shape.VirtualMFADevice{SerialNumber: d.Serial()}
	if d.User == "" {
		return out, nil
	}
	u, err := directory.Users.ByID(c.Snap, d.Account, d.User)
	if err != nil || u == nil {
		return out, err
	}
	out.EnableDate, out.User = new(d.Enabled.Time()), describeUser(u)
	out.User.Tags = nil
	return out, nil
}

func needDeleteVirtualMFADevice(c *op.Call, in *shape.DeleteVirtualMFADeviceRequest) ([]op.Need, error) {
	return needMFADevice(c, "DeleteVirtualMFADevice", in.SerialNumber)
}

func deleteVirtualMFADevice(_ context.Context, c *op.Call, in *shape.DeleteVirtualMFADeviceRequest) (*op.None, error) {
	d, err := mustMFADevice(c, in.SerialNumber)
	if err != nil {
		return nil, err
	}
	if d.User != "" {
		return nil, awserr.New(409, "DeleteConflict", "MFA VirtualDevice in use. Must deactivate first")
	}
	return &op.None{}, directory.DeleteMFADevice(c.Tx, d)
}

// needMFADevice is a permission on the device, by its own name: a serial number in
// another case means the same device.
func needMFADevice(c *op.Call, action, serial string) ([]op.Need, error) {
	d, err := directory.MFADeviceBySerial(c.Snap, c.Caller.Account, serial)
	if err != nil {
		return nil, err
	}
	if d == nil {
		return need(action, serial), nil
	}
	return needOn(action, d.Serial(), d.Tags), nil
}

func mustMFADevice(c *op.Call, serial string) (*directory.MFADevice, error) {
	d, err := directory.MFADeviceBySerial(c.Snap, c.Caller.Account, serial)
	if err == nil && d == nil {
		err = noSuchEntity("VirtualMFADevice with serial number %s doesn't exist.", serial)
	}
	return d, err
}
