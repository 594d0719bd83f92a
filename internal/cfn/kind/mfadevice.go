package kind

import (
	"cmp"
	"context"
	"encoding/base32"
	"fmt"
	"slices"

	"github.com/iamd-project/iamd/internal/shapes/iam"
	"github.com/iamd-project/iamd/internal/totp"
)

type mfaDeviceProperties struct {
	VirtualMfaDeviceName string   `json:",omitempty"`
	Path                 string   `json:",omitempty"`
	Users                []string // one at most
	Tags                 []Tag    `json:",omitempty"`
}

// mostDeviceName is how long the name of a device may be.
const mostDeviceName = 226

var mfaDevice = Kind[mfaDeviceProperties]{
	Type: "AWS::IAM::VirtualMFADevice",
	// The seed that a device is enabled with is shown once, when it is made.
	Check: func(was, want *mfaDeviceProperties) error {
		switch {
		case len(want.Users) > 1:
			return Invalid("#/Users: a virtual MFA device belongs to one user")
		case was != nil && was.VirtualMfaDeviceName == want.VirtualMfaDeviceName && was.Path == want.Path && !slices.Equal(was.Users, want.Users):
			return Invalid("#/Users: a device can't be given to another user, since its seed is known only when it is made; another VirtualMfaDeviceName makes a new one")
		}
		return nil
	},
	Create: func(ctx context.Context, api API, r Resource, want *mfaDeviceProperties) (Result, error) {
		reply, err := Do[iam.CreateVirtualMFADeviceResponse](ctx, api, &iam.CreateVirtualMFADeviceRequest{
			VirtualMFADeviceName: cmp.Or(want.VirtualMfaDeviceName, r.Name(mostDeviceName)),
			Path:                 orNil(want.Path),
			Tags:                 iamTags(r.tags(want.Tags, foldedKey)),
		})
		if err != nil {
			return Result{}, err
		}
		device := reply.VirtualMFADevice
		made := Result{Physical: device.SerialNumber, Attrs: map[string]string{"SerialNumber": device.SerialNumber}}
		for _, name := range want.Users {
			if err := enableMFADevice(ctx, api, r, device, name); err != nil {
				return made, err
			}
		}
		return made, nil
	},
	Update: func(ctx context.Context, api API, r Resource, was, want *mfaDeviceProperties) (Result, error) {
		serial := r.Physical
		return Result{Physical: serial}, r.retag(ctx, api, was.Tags, want.Tags, retagging{
			same:  foldedKey,
			untag: func(keys []string) any { return &iam.UntagMFADeviceRequest{SerialNumber: serial, TagKeys: keys} },
			tag:   func(tags []Tag) any { return &iam.TagMFADeviceRequest{SerialNumber: serial, Tags: iamTags(tags)} },
		})
	},
	Delete: func(ctx context.Context, api API, r Resource, was *mfaDeviceProperties) error {
		for _, name := range was.Users {
			if _, err := api.Call(ctx, &iam.DeactivateMFADeviceRequest{UserName: &name, SerialNumber: r.Physical}); absent(err) != nil {
				return err
			}
		}
		_, err := api.Call(ctx, &iam.DeleteVirtualMFADeviceRequest{SerialNumber: r.Physical})
		return ignore(err, "NoSuchEntity")
	},
	Read: readMFADevice,
}

// enableMFADevice gives a new device to a user, with the codes that it shows now.
func enableMFADevice(ctx context.Context, api API, r Resource, device *iam.VirtualMFADevice, user string) error {
	seed, err := base32.StdEncoding.DecodeString(string(device.Base32StringSeed))
	if err != nil {
		return fmt.Errorf("kind: the seed of a device: %w", err)
	}
	now := totp.At(r.Now)
	_, err = api.Call(ctx, &iam.EnableMFADeviceRequest{
		UserName:            user,
		SerialNumber:        device.SerialNumber,
		AuthenticationCode1: totp.Code(seed, now),
		AuthenticationCode2: totp.Code(seed, now+1),
	})
	return err
}

func readMFADevice(ctx context.Context, api API, r Resource, was *mfaDeviceProperties) (*mfaDeviceProperties, Result, error) {
	is := &mfaDeviceProperties{VirtualMfaDeviceName: was.VirtualMfaDeviceName, Path: was.Path, Users: []string{}}
	tags := &iam.ListMFADeviceTagsRequest{SerialNumber: r.Physical}
	err := eachPage(ctx, api, tags, &tags.Marker, func(page *iam.ListMFADeviceTagsResponse) *string {
		is.Tags = append(is.Tags, fromIAM(page.Tags)...)
		return page.Marker
	})
	if err != nil {
		return nil, Result{}, ignore(err, "NoSuchEntity")
	}
	is.Tags = r.shown(is.Tags, was.Tags, foldedKey)
	in := &iam.ListVirtualMFADevicesRequest{AssignmentStatus: new(iam.AssignmentStatusTypeAssigned)}
	err = eachPage(ctx, api, in, &in.Marker, func(page *iam.ListVirtualMFADevicesResponse) *string {
		for i := range page.VirtualMFADevices {
			if d := &page.VirtualMFADevices[i]; d.SerialNumber == r.Physical && d.User != nil {
				is.Users = append(is.Users, orNone(d.User.UserName))
				return nil
			}
		}
		return page.Marker
	})
	return is, Result{Physical: r.Physical, Attrs: map[string]string{"SerialNumber": r.Physical}}, err
}
