// Bytes in, replies out: hiredis's reader with our values instead of its own. One thread.
#pragma once
#include <cstddef>
#include <memory>
#include <string_view>

#include "larder/redis/channel.hpp"

struct redisReader;

namespace larder::redis {

class ReplyReader {
 public:
  // A reply of more bytes, or of more items in one array, breaks the conversation.
  explicit ReplyReader(std::size_t reply_size_max);
  ~ReplyReader();
  ReplyReader(const ReplyReader&) = delete;
  ReplyReader& operator=(const ReplyReader&) = delete;

  enum class Step { reply, incomplete, broken };
  void feed(std::string_view bytes);
  // The next whole reply of what was fed. Once broken it stays so.
  Step next(Reply& reply);

  static constexpr int items_max = 1 << 16;

 private:
  struct Free {
    void operator()(redisReader* reader) const noexcept;
  };
  std::size_t reply_size_max_;
  std::size_t size_ = 0;  // fed since the last whole reply
  bool is_broken_ = false;
  std::unique_ptr<redisReader, Free> reader_;
};

}  // namespace larder::redis
