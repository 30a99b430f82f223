// Who may use the admin listener. Pure.
#pragma once
#include <optional>
#include <string_view>

#include "larder/admin/message.hpp"
#include "larder/config/config.hpp"
#include "larder/net/listener.hpp"

namespace larder::admin {

// Nothing when the peer may: it is in `admin.allow`, comes through a unix socket, or knows the token.
// Otherwise 401 for a wrong token and 403 without one.
std::optional<Response> refuse_stranger(const config::AdminListener& listener, const Request& request,
                                        const net::Peer& peer);

// An operator's browser stands inside `allow`, and runs other people's pages. Nothing when no page of another
// site can have sent this request: it has no Origin, or its Origin is the host it was sent to, which is an
// address or localhost (a name may have been rebound to this address by whoever owns it), or it knows the
// token, which no page does.
std::optional<Response> refuse_foreign_page(const config::AdminListener& listener, const Request& request);

}  // namespace larder::admin
