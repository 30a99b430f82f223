// Receives and watches: bytes, ends, and ends that come together with bytes.
#include "larder/net/receiver.hpp"

#include <array>
#include <catch2/catch.hpp>
#include <memory>
#include <string>
#include <vector>

#include "support/net/loop.hpp"

namespace larder::net {
namespace {

using test::Loop;
using Told = std::vector<std::string>;

class Client : public Receiver::Listener, public std::enable_shared_from_this<Client> {
 public:
  Client(Loop& loop, std::unique_ptr<ReceivingSocket> socket, Told& told)
      : socket_(std::move(socket)), receiver_(loop.executor()), told_(told) {}
  void receive() { receiver_.start(*socket_, room_, shared_from_this()); }
  void watch() { receiver_.watch(*socket_, shared_from_this()); }
  Receiver& receiver() { return receiver_; }
  ReceivingSocket& socket() { return *socket_; }

 private:
  void on_received(std::shared_ptr<Listener>, const ErrorCode& error, std::size_t size) override {
    if (error == asio::error::eof) {
      told_.emplace_back("end");
    } else if (error == asio::error::operation_aborted) {
      told_.emplace_back("aborted");
    } else {
      told_.emplace_back(room_.data(), size);
    }
  }
  void on_gone() override { told_.emplace_back("gone"); }

  std::unique_ptr<ReceivingSocket> socket_;
  Receiver receiver_;
  std::array<char, 8> room_{};
  Told& told_;
};

struct Scene {
  Loop loop;
  Told told;
  test::Pair pair = connected_pair(loop);
  test::Peer& peer = pair.peer;
  std::shared_ptr<Client> client = std::make_shared<Client>(loop, std::move(pair.socket), told);
};

TEST_CASE("bytes are received as they come, as many as fit") {
  Scene scene;
  scene.client->receive();
  scene.loop.turn();
  CHECK(scene.told.empty());
  scene.peer.send("0123456789");
  scene.loop.turn();
  scene.client->receive();
  scene.loop.turn();
  CHECK(scene.told == Told{"01234567", "89"});
  scene.client->receive();
  scene.peer.close();
  scene.loop.turn();
  CHECK(scene.told.back() == "end");
}

TEST_CASE("a watch tells of the end, once, and takes no bytes") {
  Scene scene;
  scene.client->watch();
  SECTION("the peer goes") {
    scene.peer.close();
    scene.loop.turn();
    CHECK(scene.told == Told{"gone"});
    scene.client->receive();
    scene.loop.turn();
    CHECK(scene.told == Told{"gone", "end"});
  }
  SECTION("bytes come: the next receive has them") {
    scene.peer.send("early");
    scene.loop.turn();
    CHECK(scene.told.empty());
    scene.client->watch();
    scene.loop.turn();
    scene.client->receive();
    scene.loop.turn();
    CHECK(scene.told == Told{"early"});
  }
  SECTION("a receive takes it over before anything comes") {
    scene.client->receive();
    scene.peer.send("late");
    scene.loop.turn();
    CHECK(scene.told == Told{"late"});
  }
  SECTION("a receive takes it over between the bytes and the telling") {
    scene.peer.send("late");
    asio::post(scene.loop.context(), [&] { scene.client->receive(); });
    scene.loop.turn();
    CHECK(scene.told == Told{"late"});
  }
  SECTION("it is over before the peer goes") {
    scene.client->receiver().unwatch();
    scene.peer.close();
    scene.loop.turn();
    CHECK(scene.told.empty());
    scene.client->receive();
    scene.loop.turn();
    CHECK(scene.told == Told{"end"});
  }
  SECTION("the socket is closed here") {
    scene.client->socket().close();
    scene.loop.turn();
    CHECK(scene.told.empty());
  }
}

TEST_CASE("cancelling ends a receive") {
  Scene scene;
  scene.client->receive();
  scene.client->socket().cancel();
  scene.loop.turn();
  CHECK(scene.told == Told{"aborted"});
}

// One event for both: epoll has told, and does not tell again.
TEST_CASE("an end that came together with bytes is found by looking") {
  Scene scene;
  scene.client->receive();
  scene.peer.send("bytes");
  scene.peer.close();
  scene.loop.turn();
  CHECK(scene.told == Told{"bytes"});
  SECTION("by who receives on") {
    scene.client->receive();
    scene.loop.turn();
    CHECK(scene.told == Told{"bytes"});
    scene.client->receiver().look_for_end();
    scene.loop.turn();
    CHECK(scene.told == Told{"bytes", "aborted"});
  }
  SECTION("by who watches") {
    scene.client->watch();
    scene.loop.turn();
    scene.client->receiver().look_for_end();
    CHECK(scene.told == Told{"bytes", "gone"});
  }
  SECTION("not by who waits for nothing") {
    scene.client->receiver().look_for_end();
    scene.loop.turn();
    CHECK(scene.told == Told{"bytes"});
  }
}

TEST_CASE("looking where there is nothing to see changes nothing") {
  Scene scene;
  scene.client->receive();
  scene.client->receiver().look_for_end();
  scene.peer.send("bytes");
  scene.loop.turn();
  CHECK(scene.told == Told{"bytes"});
}

TEST_CASE("a coroutine that must not miss an end asks at once") {
  Loop loop;
  test::Pair pair = connected_pair(loop);
  Told told;
  spawn(loop.executor(), [&]() -> Task<void> {
    std::array<char, 8> room{};
    ErrorCode error;
    const std::size_t size = co_await Receive(*pair.socket, room, FirstTry::once_told, error);
    told.emplace_back(room.data(), size);
    (void)co_await Receive(*pair.socket, room, FirstTry::at_once, error);
    told.emplace_back(error == asio::error::eof ? "end" : error.message());
  });
  loop.turn();
  CHECK(told.empty());
  pair.peer.send("bytes");
  pair.peer.close();
  loop.turn();
  CHECK(told == Told{"bytes", "end"});
}

TEST_CASE("the event loop's end lets go of who waits") {
  Told told;
  std::weak_ptr<Client> client;
  bool is_frame_gone = false;
  {
    Scene scene;
    client = scene.client;
    scene.client->receive();
    scene.client.reset();
    const std::shared_ptr<bool> flag(&is_frame_gone, [](bool* gone) { *gone = true; });
    test::Pair other = connected_pair(scene.loop);
    spawn(scene.loop.executor(), [kept = flag, socket = std::move(other.socket)]() -> Task<void> {
      std::array<char, 8> room{};
      ErrorCode error;
      (void)co_await Receive(*socket, room, FirstTry::once_told, error);
    });
    scene.loop.turn();
    CHECK_FALSE(client.expired());
  }
  CHECK(client.expired());
  CHECK(is_frame_gone);
}

}  // namespace
}  // namespace larder::net
